/** `mycel completion`: scripts with which shells complete the command line, made from the commands themselves. */
import type { Argument, Command, Option } from 'commander';
import { entryKinds, listEntries } from '../scenario/list.js';

/** Shells that there are scripts for. */
export const SHELLS = ['bash', 'zsh', 'fish'] as const;

/** What a word can be: one of some words, a file or a folder; other values cannot be completed. */
interface Place {
  readonly words: readonly string[];
  readonly paths?: 'files' | 'folders' | undefined;
}

/** A command as its completion needs it. */
interface Described {
  readonly name: string;
  readonly description: string;
  readonly arguments: Place;
  readonly options: readonly {
    readonly long: string;
    readonly description: string;
    /** What follows the option; undefined if nothing does. */
    readonly value: Place | undefined;
  }[];
}

/** The script for a shell. */
export function completionScript(program: Command, shell: (typeof SHELLS)[number]): string {
  const commands = program.commands.map(described);
  if (shell === 'fish') return fishScript(commands);
  const script = bashScript(commands);
  if (shell === 'bash') return script;
  // zsh runs completions of bash, but has no mapfile.
  const plain = script.replace(/mapfile -t COMPREPLY < <\((.*)\)/g, 'COMPREPLY=($($1))');
  return `#compdef mycel\nautoload -U +X bashcompinit && bashcompinit\n${plain}`;
}

function described(command: Command): Described {
  const own = command.registeredArguments.map(placeOf);
  const words = [...command.commands.map((below) => below.name()), ...own.flatMap((place) => place.words)];
  return {
    name: command.name(),
    description: command.description(),
    arguments: { words, paths: own.find(({ paths }) => paths !== undefined)?.paths },
    options: [...command.options, ...command.commands.flatMap(({ options }) => options)].map((option) => ({
      long: option.long!,
      description: option.description,
      value: option.required || option.optional ? placeOf(option) : undefined,
    })),
  };
}

function placeOf(wanted: Argument | Option): Place {
  const name = 'flags' in wanted ? (/[<[](.*?)[\]>]/.exec(wanted.flags)?.[1] ?? '') : wanted.name();
  if (wanted.argChoices) return { words: wanted.argChoices };
  if (name === 'kind') return { words: [...entryKinds, 'invariants', ...entries()] };
  if (name === 'use') return { words: listEntries('algorithms').map(({ id }) => id) };
  if (/folder|directory/.test(name)) return { words: [], paths: 'folders' };
  const isPath = /file/.test(name) || (/file|folder/.test(wanted.description) && !('flags' in wanted));
  return { words: [], paths: isPath ? 'files' : undefined };
}

const entries = () => [...new Set(entryKinds.flatMap((kind) => listEntries(kind).map(({ id }) => id)))];

function bashScript(commands: readonly Described[]): string {
  const compgen = ({ words, paths }: Place) => {
    const parts = [
      words.length > 0 ? `compgen -W '${words.join(' ')}' -- "$current"` : '',
      paths === 'files' ? 'compgen -f -- "$current"' : '',
      paths === 'folders' ? 'compgen -d -- "$current"' : '',
    ].filter((part) => part !== '');
    return parts.length === 0 ? ':' : `mapfile -t COMPREPLY < <(${parts.join('; ')})`;
  };
  const cases = (lines: readonly string[], indent: string) =>
    lines.map((line) => `${indent}${line}`).join('\n');
  const values = commands.flatMap(({ name, options }) =>
    options.flatMap(({ long, value }) => (value ? [`'${name} ${long}') ${compgen(value)}; return ;;`] : [])),
  );
  const flags = commands.map(
    ({ name, options }) =>
      `${name}) ${compgen({ words: [...options.map(({ long }) => long), '--help'] })} ;;`,
  );
  const words = commands.map((command) => `${command.name}) ${compgen(command.arguments)} ;;`);
  return `# Completion of the command mycel.
_mycel() {
  local current="\${COMP_WORDS[COMP_CWORD]}" previous="\${COMP_WORDS[COMP_CWORD-1]}" command="\${COMP_WORDS[1]}"
  COMPREPLY=()
  if [ "$COMP_CWORD" -eq 1 ]; then
    ${compgen({ words: [...commands.map(({ name }) => name), 'help', '--help', '--version'] })}
    return
  fi
  case "$command $previous" in
${cases(values, '    ')}
  esac
  case "$current" in
    -*)
      case "$command" in
${cases(flags, '        ')}
      esac
      return ;;
  esac
  case "$command" in
${cases(words, '    ')}
    help) ${compgen({ words: commands.map(({ name }) => name) })} ;;
  esac
}
complete -o filenames -F _mycel mycel
`;
}

function fishScript(commands: readonly Described[]): string {
  const quoted = (text: string) => `'${text.replace(/[\\']/g, '\\$&')}'`;
  const from = ({ words, paths }: Place) => [
    ...(words.length > 0 ? [`-a ${quoted(words.join(' '))}`] : []),
    ...(paths === 'folders' ? ["-a '(__fish_complete_directories)'"] : []),
    ...(paths === 'files' ? ['-F'] : []),
  ];
  const lines = commands.flatMap(({ name, description, arguments: own, options }) => {
    const inIt = `complete -c mycel -n ${quoted(`__fish_seen_subcommand_from ${name}`)}`;
    return [
      `complete -c mycel -n __fish_use_subcommand -a ${name} -d ${quoted(description)}`,
      ...from(own).map((place) => `${inIt} ${place}`),
      ...options.map(({ long, description: meaning, value }) =>
        [inIt, `-l ${long.slice(2)}`, ...(value ? ['-r', ...from(value)] : []), `-d ${quoted(meaning)}`].join(
          ' ',
        ),
      ),
    ];
  });
  return `# Completion of mycel for fish: put it into ~/.config/fish/completions/mycel.fish.\ncomplete -c mycel -f\n${lines.join('\n')}\n`;
}
