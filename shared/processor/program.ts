// placeholder until the vocabulary lands
export interface Program {
  readonly signature: string
}
