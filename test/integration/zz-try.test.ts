import { test } from 'vitest'
import { startTestEngine } from '/work/lab-engine/test/integration/support/engine.ts'

const names = (process.env.RECIPES ?? '').split(',')
test.each(names)(
  '%s',
  async (name) => {
    await using engine = await startTestEngine()
    const t0 = performance.now()
    await engine.client.lab.run({ recipe: name as never, size: (process.env.SIZE ?? 'small') as never })
    let after: string | undefined
    for (;;) {
      const change = await engine.client.lab.changes({ after })
      after = change.position
      if (change.run?.endedAt) {
        const r = change.run
        console.log(
          name,
          Math.round(performance.now() - t0),
          'ms',
          r.verdict?.outcome,
          '\n',
          r.verdict?.sentence,
          '\n',
          r.verdict?.detail,
        )
        for (const t of r.trials) console.log('  ', t.holds, t.claim, '|', t.observed)
        for (const w of r.ways)
          console.log(
            '  ',
            w.title,
            w.counts.map((c) => c.count + (c.note ?? '')).join(' '),
            w.figures.map((f) => `${f.name}=${f.value}${f.unit}${f.mark ?? ''}`).join('; '),
          )
        return
      }
    }
  },
  60000,
)
