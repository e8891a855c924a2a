import { describe, expect, it } from 'vitest'
import { inFlowOrder } from '../../../local/run/pipeline.ts'

const stage = (id: string, source: string, ...writes: string[]) => ({
  id,
  stage: { source: { name: source }, writesTopics: writes.map((name) => ({ name })) } as never,
})
const ids = (stages: readonly { id: string }[]): string => stages.map(({ id }) => id).join(' ')

describe('stages in the order of the flow', () => {
  it('have writers before readers, whatever the order of the list', () => {
    const stages = [stage('c', 'y'), stage('b', 'x', 'y'), stage('a', 'in', 'x'), stage('other', 'in')]
    expect(ids(inFlowOrder(stages))).toBe('a b c other')
  })

  it('are each there once, in a circle too', () => {
    expect(ids(inFlowOrder([stage('a', 'x', 'y'), stage('b', 'y', 'x')]))).toBe('b a')
  })
})
