/**
 * The sentences of a finding, built so that every name in them is declared: literal text is in a template, and a name
 * that the machine uses (an address, a user, a process) is a reference. A string cannot be put into a sentence, so an
 * undeclared name does not compile. Redaction replaces references and writes the sentences again.
 */
import { endpointText, formatTenths } from '../../contract/format.ts'
import type { Finding, Mention, Reference } from '../../contract/model.ts'

/** A name in a sentence. */
export type Name = { readonly of: Reference; readonly text: string }
/** A sentence, or a part of one. */
export type Text = readonly (string | Name)[]
export type Texts = { readonly [P in Mention['in']]: Text }

/** Nothing, for an optional part of a sentence. */
export const NOTHING: Text = []

/** A sentence: text`${group} has ${count} members.` Numbers get separators, and at most one decimal. */
export function text(words: TemplateStringsArray, ...values: readonly (number | Name | Text)[]): Text {
  return words.flatMap((word, at) => {
    const value = values[at]
    if (value === undefined) return [word]
    if (typeof value === 'number') return [word, formatTenths(value)]
    return 'of' in value ? [word, value] : [word, ...value]
  })
}

/** `1`, `1 and 2`, `1, 2 and 3`. */
export function listed(items: readonly Text[]): Text {
  return items.flatMap((item, at) => {
    if (at === 0) return [...item]
    return [at === items.length - 1 ? ' and ' : ', ', ...item]
  })
}

export function nameOf(reference: Exclude<Reference, { kind: 'program' }>): Name {
  return { of: reference, text: shown(reference) }
}

/** Words that fit only one program and would reveal it: redaction of commands leaves them out. */
export function onlyFor(command: string, words: string): Name {
  return { of: { kind: 'program', command }, text: words }
}

/** The sentences in the model's form. */
export function toSentences(texts: Texts): Pick<Finding, Mention['in'] | 'mentions'> {
  const mentions: Mention[] = []
  const write = (place: Mention['in']): string => {
    let sentence = ''
    for (const part of texts[place]) {
      const words = typeof part === 'string' ? part : part.text
      if (typeof part !== 'string' && words !== '') {
        mentions.push({ in: place, at: sentence.length, length: words.length, of: part.of })
      }
      sentence += words
    }
    return sentence
  }
  return { summary: write('summary'), explanation: write('explanation'), advice: write('advice'), mentions }
}

/**
 * The sentences of the model, split into parts again. One whose mentions do not match is left out: its names are
 * unknown.
 */
export function parseSentences(finding: Pick<Finding, Mention['in'] | 'mentions'>): Texts {
  const read = (place: Mention['in']): Text => {
    const sentence = finding[place]
    const parts: (string | Name)[] = []
    let end = 0
    for (const { at, length, of } of finding.mentions.filter((mention) => mention.in === place)) {
      const words = sentence.slice(at, at + length)
      if (at < end || words.length !== length || (of.kind !== 'program' && words !== shown(of))) return NOTHING
      parts.push(sentence.slice(end, at), { of, text: words })
      end = at + length
    }
    return [...parts, sentence.slice(end)]
  }
  return { summary: read('summary'), explanation: read('explanation'), advice: read('advice') }
}

/** The sentences with `change` applied to each name; null leaves a name out. */
export function withNames(texts: Texts, change: (name: Name) => Name | null): Texts {
  const changed = (parts: Text): Text =>
    parts.flatMap((part): Text => {
      const kept = typeof part === 'string' ? part : change(part)
      return kept === null ? [] : [kept]
    })
  return { summary: changed(texts.summary), explanation: changed(texts.explanation), advice: changed(texts.advice) }
}

/** How a name is written. */
function shown(reference: Exclude<Reference, { kind: 'program' }>): string {
  switch (reference.kind) {
    case 'endpoint': {
      const { protocol, address, port, interface: on } = reference
      return `${protocol} ${endpointText(address, port)}${on === null ? '' : ` on ${on}`}`
    }
    case 'address':
      return reference.address
    case 'user':
      return reference.user === null ? `uid ${reference.uid}` : `${reference.user} (uid ${reference.uid})`
    case 'process':
      return reference.command === null ? `process ${reference.pid}` : `${reference.command} (pid ${reference.pid})`
    case 'command':
      return reference.command
  }
}
