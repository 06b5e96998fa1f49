/**
 * Imported by whatever validates, before the schemas: zod would otherwise test whether it may compile code, which this
 * page's policy forbids. Files that are loaded on their own each have to import it.
 */
import { config } from 'zod'

config({ jitless: true })
