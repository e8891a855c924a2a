import { usage } from '../../local/cli/flags.ts'
import type { LabelledScore } from './score.ts'

const FIGURES = ['precision', 'recall', 'f1'] as const

/** What a figure of all alerts together must reach. */
export interface Threshold {
  readonly figure: (typeof FIGURES)[number]
  /** 0 to 1. */
  readonly least: number
}

/** @throws MillraceError `USAGE` for what is not FIGURE=SHARE */
export function thresholdIn(text: string): Threshold {
  const [name, share = '', ...more] = text.split('=')
  const figure = FIGURES.find((each) => each === name)
  const least = share.trim() === '' ? Number.NaN : Number(share)
  if (figure === undefined || !(least >= 0 && least <= 1) || more.length > 0)
    throw usage(
      `--fail-under is ${JSON.stringify(text)}.`,
      'Give precision, recall or f1 with a number from 0 to 1: --fail-under f1=0.8.',
    )
  return { figure, least }
}

/** A sentence for each threshold that is not reached. A figure without a value reaches none. */
export const missedThresholds = (thresholds: readonly Threshold[], labelled: LabelledScore): string[] =>
  thresholds.flatMap(({ figure, least }) => {
    const value = labelled[figure]
    if (value === null) return [`${figure} has no value: there is nothing to divide by.`]
    return value < least ? [`${figure} is ${Number(value.toPrecision(6))}, below ${least}.`] : []
  })
