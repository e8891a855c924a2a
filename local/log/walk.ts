import { readSync } from 'node:fs'
import { FRAME_PREFIX_BYTES } from './frame.ts'

/** Looks at the body of one frame: `length` bytes from `at`. `position` is the frame's in the file. False: stop. */
export type TakeBody = (buffer: Buffer, at: number, length: number, position: number) => boolean

/**
 * Hands out the bodies of the whole frames in a stretch of a file, reading `chunkBytes` at a time (more for a frame that
 * is larger). A frame that runs past `end` is left out.
 *
 * @returns where the last frame handed out ended
 */
export function walkFrames(file: number, from: number, end: number, chunkBytes: number, take: TakeBody): number {
  let position = from
  let want = chunkBytes
  while (end - position >= FRAME_PREFIX_BYTES) {
    const buffer = readAt(file, position, Math.min(want, end - position))
    let at = 0
    want = chunkBytes
    while (buffer.length - at >= FRAME_PREFIX_BYTES) {
      const length = buffer.readUInt32LE(at)
      const frame = FRAME_PREFIX_BYTES + length
      if (buffer.length - at < frame) {
        if (end - position - at < frame) return position + at
        want = Math.max(chunkBytes, frame)
        break
      }
      if (!take(buffer, at + FRAME_PREFIX_BYTES, length, position + at)) return position + at + frame
      at += frame
    }
    position += at
  }
  return position
}

function readAt(file: number, position: number, bytes: number): Buffer {
  const buffer = Buffer.allocUnsafe(bytes)
  let done = 0
  while (done < bytes) {
    const read = readSync(file, buffer, done, bytes - done, position + done)
    if (read === 0) throw new Error(`a topic file ended at byte ${position + done}, short of what was written`)
    done += read
  }
  return buffer
}
