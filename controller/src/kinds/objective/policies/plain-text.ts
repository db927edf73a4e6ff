import { clip, safePiece } from '@dark-carnival/crds/text';

/** Text of a wagon or a model, made fit for a status: no control or direction characters, at most `max` code points, an ellipsis where it was cut. */
export const plainText = (text: string, max: number): string => clip(safePiece(text), max);

/** Like plainText, on one line. */
export const oneLine = (text: string, max: number): string => plainText(text.replace(/\s+/g, ' ').trim(), max);

/** Printable ASCII only, everything else as `?`. */
export const asciiOnly = (text: string, max: number): string => text.replace(/[^\x20-\x7e]/g, '?').slice(0, max);
