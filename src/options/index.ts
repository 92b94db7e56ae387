/** Options: units as text, entries of lists, choices among them, and the wording of mistakes. */
export { choice, choiceOf } from './choice.js';
export { withDefaults } from './defaults.js';
export {
  type AnyEntry,
  type Chosen,
  type Entry,
  findEntry,
  type List,
  type LoadedModule,
  MODULE_PATH,
  type Modules,
  withArticle,
  withModules,
} from './entry.js';
export { formatPath, isMap, type Path, parsePath, startsWith, valueAt, withValue } from './path.js';
export { errorMap, type Problem, problemsOf, show } from './problems.js';
export { COUNT_MAX, count, duration, share, size, speed } from './quantities.js';
export { innerOf } from './shape.js';
