/**
 * Imported before anything that validates: zod would otherwise test whether it may compile code, which this page's
 * policy forbids.
 */
import { config } from 'zod'

config({ jitless: true })
