#!/usr/bin/env node
// The command. It is no compiled file, so that no build takes its execute bit.
import '../dist/src/cli/main.js';
