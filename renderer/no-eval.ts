/** Imported before anything that checks a value: zod would try whether it may compile code, which this page's policy forbids. */
import { config } from 'zod'

config({ jitless: true })
