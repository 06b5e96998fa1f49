/** The far end: answers the contract on every channel of a link, within the limits of the other fronts. */
import type { Readable, Writable } from 'node:stream'
import type { AnyRouter } from '@orpc/server'
import { RPCHandler } from '@orpc/server/message-port'
import { limitRequests, MAX_PENDING } from '../../host/request-limit.ts'
import { isRequestMessage, MAX_MESSAGE } from '../../host/request-message.ts'
import { Link, type LinkOptions } from '../../host/wire/link.ts'

/** Unsent bytes above which no request starts. */
const FULL_BYTES = 1 << 20
/** Unsent bytes above which the link ends. */
const UNSENT_BYTES = 64 << 20

/** Answers until the link ends. A message that is not a request ends it. */
export function answerLink(
  router: AnyRouter,
  input: Readable,
  output: Writable,
  { silenceMs }: Pick<LinkOptions, 'silenceMs'>,
): Link {
  const link = new Link(input, output, {
    end: 'far',
    silenceMs,
    messageBytes: MAX_MESSAGE,
    unsentBytes: UNSENT_BYTES,
    onChannel(channel) {
      const handler = new RPCHandler(router, {
        interceptors: [
          limitRequests(MAX_PENDING),
          async ({ next }) => {
            await link.outbox.room(FULL_BYTES)
            return next()
          },
        ],
      })
      handler.upgrade({
        on: (type, listener) => {
          if (type === 'close') channel.onClose = () => listener()
          if (type === 'message')
            channel.onMessage = (text) => {
              if (isRequestMessage(text)) listener({ data: text })
              else link.end('the other end sent what is not a request')
            }
        },
        postMessage: (message: unknown) => {
          if (typeof message === 'string') channel.send(message)
        },
      })
    },
  })
  return link
}
