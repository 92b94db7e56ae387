/** Options that several commands have. */
import { availableParallelism } from 'node:os';
import { Option } from 'commander';
import { parseSeeds } from '../scenario/seeds.js';
import { asArgument, parseWorkers } from './arguments.js';

export function storeOption(more = ''): Option {
  return new Option('--store <folder>', `where runs are kept by their keys${more}`).default('runs');
}

export function workersOption(): Option {
  return new Option(
    '--workers <number>',
    'number of threads that compute, which changes no result. With the backend tensorflow: number of its own threads',
  )
    .argParser(asArgument(parseWorkers))
    .default(availableParallelism());
}

export function seedOption(): Option {
  return new Option('--seed <seed>', 'a seed, or seeds such as 1..5, instead of the scenario’s').argParser(
    asArgument(parseSeeds),
  );
}

export function setOption(): Option {
  return new Option(
    '--set <path=value>',
    'override a value of the scenario, such as network.drop=1%; can be repeated',
  )
    .default([], 'none')
    .argParser((value: string, previous: string[]) => [...previous, value]);
}
