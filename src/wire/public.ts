/** Codecs of message bodies, for authors of algorithms: the namespace `wire` of `mycel/plugin`. */

export { empty, number, numbers } from './control.js';
export { float16 } from './float16.js';
export { float32 } from './float32.js';
export { record } from './record.js';
