// What the benchmarks' commands ask of their options.

/** Ends the command with the reason. */
export function fail(message) {
  console.error(message);
  process.exit(2);
}

/** The option as a whole number above 0, or the default where it is not given. */
export function wholeNumber(options, name, byDefault) {
  if (options[name] === undefined) return byDefault;
  const number = Number(options[name]);
  if (Number.isInteger(number) && number > 0) return number;
  return fail(`--${name}: expected a whole number above 0, got ${options[name]}`);
}
