/** User names that `spec.requestedBy` can hold. */
export const PRINTABLE_USER = /^[\x20-\x7e]{1,253}$/;
