/** What a frame is read for. */

/**
 * When /proc is scanned: when its share of the time allows (`due`), before the sockets are read (`now`), or `never`;
 * holders and pollers are then those of an earlier scan, if any.
 */
export type ProcessScan = 'due' | 'now' | 'never'

/**
 * Who waits for the frame. `single`: a reader of this frame alone, so that everything that can be classified is
 * classified in it. `watching`: readers of one frame after another, which must come fast and may complete the last one.
 */
export type FrameReader = 'single' | 'watching'

export type FrameRequest = { readonly reader: FrameReader; readonly processes: ProcessScan }

export const WATCHED_FRAME: FrameRequest = { reader: 'watching', processes: 'due' }
export const SINGLE_FRAME: FrameRequest = { reader: 'single', processes: 'now' }
export const SINGLE_FRAME_WITHOUT_OWNERS: FrameRequest = { reader: 'single', processes: 'never' }

/** By what a recording needs (`RecordedFrame`, snapshots/record-snapshots.ts). */
export const RECORDED_FRAMES = {
  first: SINGLE_FRAME,
  next: WATCHED_FRAME,
  'without-owners': SINGLE_FRAME_WITHOUT_OWNERS,
} as const
