/** What to do about a finding: numbered steps, with commands that can be run as they are. */
import { z } from 'zod'
import { Incident } from './events.ts'
import { list } from './list.ts'

export const Step = z.object({
  /** A sentence; `…` marks code. */
  text: z.string(),
  /** For a shell on the inspected machine; null where the step is none. Contains no name that a process chose. */
  command: z.string().nullable(),
  /** What the command costs or interrupts; null where it only looks. */
  cost: z.string().nullable(),
})
export type Step = z.infer<typeof Step>

/** A process that serves an affected member. What cannot be read is null. */
export const Worker = z.object({
  pid: z.number().int().positive(),
  command: z.string(),
  /** The letter in /proc/PID/stat, and its meaning: "D", "uninterruptible sleep". */
  state: z.string().nullable(),
  stateMeaning: z.string().nullable(),
  /** The kernel function in which its main thread waits (/proc/PID/wchan). */
  waitsIn: z.string().nullable(),
  threads: z.number().int().positive().nullable(),
  unit: z.string().nullable(),
})
export type Worker = z.infer<typeof Worker>

export const FindingSteps = z.object({
  steps: list(Step),
  workers: list(Worker),
  /** The incident that the finding is part of; null where that is unknown. */
  incident: Incident.nullable(),
})
export type FindingSteps = z.infer<typeof FindingSteps>
