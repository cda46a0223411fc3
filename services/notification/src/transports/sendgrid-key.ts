/** What SendGrid gives out; anything else in the file is another secret, and not to be sent there. */
export function isSendGridKey(text: string): boolean {
  return /^SG\.[\w.-]{1,200}$/.test(text);
}
