/** The program of the page. */
import { mountPage } from './frame.js';
import { readData } from './read.js';
import { views } from './views/index.js';

mountPage(await readData(document), views);
