/** Where other replicas reach this one. */
export interface InternalListener {
  host: string;
  /** 0: any free one. */
  port: number;
  /** Required off loopback. */
  tls?: { certPem: string; keyPem: string } | undefined;
}
