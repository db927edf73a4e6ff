/** Marks what `carnival up` made from the environment, and so may change. */
export const MANAGED_BY_LABEL = 'app.kubernetes.io/managed-by';
export const MANAGED_BY = 'carnival-up';

/** Namespace that `carnival up` works in. */
export const NAMESPACE = 'default';
