/** Latencies of one run of traffic in a histogram (hdrhistogram.org): percentiles without keeping every value. */
import type { Histogram } from 'hdr-histogram-js'
// Not the package's main module: that loads compression too, through eval.
import { build } from 'hdr-histogram-js/dist/HistogramBuilder.js'
import type { Latency } from '../../contract/lab.ts'

/** The longest possible traffic, in microseconds. */
const LONGEST = 3_600_000_000

export class Latencies {
  readonly #histogram: Histogram = build({
    bitBucketSize: 32,
    lowestDiscernibleValue: 1,
    highestTrackableValue: LONGEST,
    // Accurate to a thousandth of each value.
    numberOfSignificantValueDigits: 3,
  })
  #max = 0

  /** Adds values in microseconds, little-endian u32 each. */
  add(bytes: Uint8Array): void {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    for (let at = 0; at + 4 <= bytes.byteLength; at += 4) {
      const value = Math.min(view.getUint32(at, true), LONGEST)
      this.#histogram.recordValue(value)
      if (value > this.#max) this.#max = value
    }
  }

  get samples(): number {
    return this.#histogram.totalCount
  }

  /** null before the first value. */
  summary(): Latency | null {
    if (this.samples === 0) return null
    // The histogram answers with the upper end of a bucket, which may lie above every value in it.
    const at = (percent: number) => Math.min(this.#histogram.getValueAtPercentile(percent), this.#max)
    return {
      samples: this.samples,
      p50: at(50),
      p90: at(90),
      p99: at(99),
      p999: at(99.9),
      max: this.#max,
    }
  }
}
