/** The connection to Redis, and the packages that it needs, which are optional. */
import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Redis } from 'ioredis';
import { UsageError } from '../../../errors.js';
import { orUnwritable } from '../../../report/output-file.js';
import type { Say } from './executor.js';

/** Milliseconds until a server that does not answer counts as missing. */
const PATIENCE = 5000;

/** A server's address, as `redis://host:6379`. Throws UsageError. */
export function parseRedis(text: string): string {
  if (/^rediss?:\/\/\S+$/.test(text) && URL.canParse(text)) return text;
  throw new UsageError(
    'bad-redis',
    `expected the address of a Redis server such as redis://localhost:6379, got "${withoutPassword(text)}"`,
  );
}

/** The address as it may be printed. */
export function withoutPassword(url: string): string {
  return url.replace(/^(\w+:\/\/[^:@/]*):[^@]*@/, '$1:…@');
}

/** BullMQ. Throws UsageError `no-bullmq` where it is not installed. */
export function loadBullmq(): Promise<typeof import('bullmq')> {
  return load(() => import('bullmq'));
}

/**
 * A connection, which is made again whenever it is lost; then `say` is told once. Throws UsageError `no-bullmq` where the packages
 * are not installed, and `no-redis` where no server answers.
 */
export async function connect(url: string, say: Say): Promise<Redis> {
  const { Redis } = await load(() => import('ioredis'));
  const redis = new Redis(url, { lazyConnect: true, maxRetriesPerRequest: null, connectTimeout: PATIENCE });
  let why = '';
  let isReady = false;
  redis.on('error', (error: Error) => {
    why = error.message || String((error as NodeJS.ErrnoException).code);
    if (isReady) say(`the connection to ${withoutPassword(url)} is lost (${why}); it is tried again`);
    isReady = false;
  });
  try {
    await redis.connect();
  } catch (error) {
    redis.disconnect();
    throw new UsageError(
      'no-redis',
      `expected a Redis server at ${withoutPassword(url)}, got ${why || (error as Error).message}: start one (redis-server), or correct --redis or MYCEL_REDIS`,
    );
  }
  isReady = true;
  redis.on('ready', () => {
    isReady = true;
  });
  return redis;
}

/** The name of a store's queue: drawn once and kept in the store, so that all who see the store know it, wherever it is mounted. */
export function queueOf(store: string): string {
  const path = join(store, 'queue');
  if (!existsSync(store))
    throw new UsageError(
      'no-store',
      `expected the store of a sweep, got ${store}, which does not exist: start the sweep first, or give the folder by --store`,
      store,
    );
  orUnwritable(path, () => {
    try {
      writeFileSync(path, `mycel-${randomBytes(4).toString('hex')}\n`, { flag: 'wx' });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  });
  return readFileSync(path, 'utf8').trim();
}

async function load<T>(module: () => Promise<T>): Promise<T> {
  try {
    return await module();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_MODULE_NOT_FOUND') throw error;
    throw new UsageError(
      'no-bullmq',
      'expected the packages bullmq and ioredis, which are not installed with mycel: npm install bullmq ioredis',
    );
  }
}
