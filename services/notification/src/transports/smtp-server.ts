/**
 * How the connection is made safe. `implicit`: TLS from the first byte (`smtps:`). `required`: STARTTLS, or nothing is sent. `opportunistic`: STARTTLS where the
 * server offers it, which protects against those who listen and not against those who interfere. `off`: never.
 */
export type SmtpTls = 'implicit' | 'required' | 'opportunistic' | 'off';

export type SmtpServer = {
  host: string;
  port: number;
  tls: SmtpTls;
  /** PEM: authorities that are trusted beside those of Node. */
  authorities?: string | undefined;
};
