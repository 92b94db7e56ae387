#!/usr/bin/env node
/** The command `mycel`. */
import { main } from './program.js';

process.exitCode = await main(process.argv.slice(2));
