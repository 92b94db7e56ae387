/** Message types as values: a name and a codec, and with them the types of the body that is sent and of what arrives. */
import { PluginError } from '../errors.js';
import type { Codec } from '../wire/codec.js';
import type { CodecContext, Message } from './algorithm.js';

/** A message type of an algorithm; made with {@link messageType}. @public */
export interface MessageType<Body, View = Body, Options = unknown> {
  /** As in traffic.csv: `model`. Unique in its algorithm. */
  readonly name: string;
  /** Encodes a body, and decodes it to what receivers see, for these options and models. */
  codec(context: CodecContext<Options>): Codec<Body, View>;
}

/** Any message type, for lists. @public */
// biome-ignore lint/suspicious/noExplicitAny: the only type that every MessageType is assignable to.
export type AnyMessageType = MessageType<any, any, any>;

/**
 * Declares a message type. Annotate the type of the options where the codec depends on them:
 * `messageType('model', ({ options, model }: CodecContext<Options>) => createCodec(options.codec, model))`.
 * @public
 */
export function messageType<Body, View, Options = unknown>(
  name: string,
  codec: (context: CodecContext<Options>) => Codec<Body, View>,
): MessageType<Body, View, Options> {
  return { name, codec };
}

/** Whether a message is of that type; its body then has the type of what receivers see. @public */
export function isMessage<View>(
  type: MessageType<never, View, never>,
  received: Message,
): received is Message & { readonly body: View } {
  return received.type === type.name;
}

/**
 * What `messages` of an algorithm gives: the codec of each type, which is numbered by its place in the list.
 * @public
 */
export function codecsOf<Options>(
  types: readonly AnyMessageType[],
  context: CodecContext<Options>,
): Readonly<Record<string, Codec<never, unknown>>> {
  const codecs: Record<string, Codec<never, unknown>> = {};
  for (const { name, codec } of types) {
    if (Object.hasOwn(codecs, name)) {
      throw new PluginError(
        `expected every message type to have its own name, got two message types with the name "${name}": rename one`,
      );
    }
    codecs[name] = codec(context);
  }
  return codecs;
}
