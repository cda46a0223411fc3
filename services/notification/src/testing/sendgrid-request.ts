/** A complaint of SendGrid's, as it stands in a 400 answer. */
export type SendGridComplaint = { message: string; field: string | null; help: string | null };

type Json = Record<string, unknown>;

/** What a request to `POST /v3/mail/send` may hold, as documented; `[]`: any number of them. */
const documented = new Set([
  'personalizations',
  'from',
  'reply_to',
  'reply_to_list',
  'subject',
  'content',
  'attachments',
  'template_id',
  'headers',
  'categories',
  'custom_args',
  'send_at',
  'batch_id',
  'asm',
  'ip_pool_name',
  'mail_settings',
  'tracking_settings',
]);
const documentedOfPersonalization = new Set([
  'from',
  'to',
  'cc',
  'bcc',
  'subject',
  'headers',
  'substitutions',
  'dynamic_template_data',
  'custom_args',
  'send_at',
]);
/** Headers that are theirs to write. */
const reservedHeaders =
  /^(x-sg-id|x-sg-eid|received|dkim-signature|content-type|content-transfer-encoding|to|from|subject|reply-to|cc|bcc)$/i;

/** The documented rules and limits of the body, as far as one of our mails can break them. */
export function findComplaints(body: unknown): SendGridComplaint[] {
  const complaints: SendGridComplaint[] = [];
  const complain = (field: string | null, message: string) =>
    void complaints.push({ message, field, help: null });
  if (!isObject(body)) return [{ message: 'Bad Request', field: null, help: null }];

  for (const name of Object.keys(body)) {
    if (!documented.has(name)) complain(name, 'Additional property is not allowed');
  }
  checkAddress(body['from'], 'from', complain);
  checkText(body['subject'], 'subject', complain);
  checkContent(body['content'], complain);
  checkCategories(body['categories'], complain);
  checkHeaders(body['headers'], 'headers', complain);

  const personalizations = listOf(body['personalizations']);
  if (personalizations.length === 0)
    complain(
      'personalizations',
      'The personalizations field is required and must have at least one personalization.',
    );
  if (personalizations.length > 1000)
    complain(
      'personalizations',
      'The personalization block is limited to 1000 personalizations per API request.',
    );
  for (const [index, each] of personalizations.entries())
    checkPersonalization(each, `personalizations.${index}`, complain);
  const argumentBytes = Buffer.byteLength(
    JSON.stringify([
      body['custom_args'],
      personalizations.map((each) => isObject(each) && each['custom_args']),
    ]),
  );
  if (argumentBytes > 10_000)
    complain('custom_args', 'The custom args are limited to 10000 bytes.');
  return complaints;
}

type Complain = (field: string | null, message: string) => void;

function checkPersonalization(each: unknown, path: string, complain: Complain): void {
  if (!isObject(each)) {
    complain(path, 'Invalid type. Expected: object.');
    return;
  }
  for (const name of Object.keys(each)) {
    if (!documentedOfPersonalization.has(name))
      complain(`${path}.${name}`, 'Additional property is not allowed');
  }
  const to = listOf(each['to']);
  if (to.length === 0)
    complain(`${path}.to`, 'The to array is required for all personalization objects.');
  for (const [index, address] of to.entries())
    checkAddress(address, `${path}.to.${index}`, complain);
  checkHeaders(each['headers'], `${path}.headers`, complain);
  for (const [name, value] of Object.entries(
    isObject(each['custom_args']) ? each['custom_args'] : {},
  )) {
    if (typeof value !== 'string')
      complain(`${path}.custom_args.${name}`, 'Invalid type. Expected: string.');
  }
}

function checkAddress(value: unknown, path: string, complain: Complain): void {
  if (!isObject(value)) {
    complain(path, 'The object must contain an email.');
    return;
  }
  const { email, name } = value;
  if (typeof email !== 'string' || !/^[^\s@<>]+@[^\s@<>]+$/.test(email))
    complain(`${path}.email`, 'Does not contain a valid address.');
  if (name !== undefined && typeof name !== 'string')
    complain(`${path}.name`, 'Invalid type. Expected: string.');
}

function checkText(value: unknown, path: string, complain: Complain): void {
  if (typeof value !== 'string' || value === '')
    complain(
      path,
      'The subject is required. You can get around this requirement if you use a template.',
    );
}

function checkContent(value: unknown, complain: Complain): void {
  const parts = listOf(value);
  if (parts.length === 0) {
    complain(
      'content',
      'Unless a valid template_id is provided, the content parameter is required.',
    );
    return;
  }
  const types = parts.map((part) => (isObject(part) ? part['type'] : undefined));
  if (types.includes('text/plain') && types[0] !== 'text/plain')
    complain(
      'content',
      'If present, text/plain and text/html may only be provided once, and text/plain must be first.',
    );
  for (const [index, part] of parts.entries()) {
    if (!isObject(part) || typeof part['value'] !== 'string' || part['value'] === '')
      complain(
        `content.${index}.value`,
        'The content value must be a string at least one character in length.',
      );
  }
}

function checkCategories(value: unknown, complain: Complain): void {
  const categories = listOf(value);
  if (categories.length > 10)
    complain('categories', 'You may not have more than 10 categories per request.');
  if (new Set(categories).size < categories.length)
    complain('categories', 'Categories must be unique.');
  for (const category of categories) {
    if (typeof category !== 'string' || category.length > 255)
      complain('categories', 'Each category name is limited to 255 characters.');
  }
}

function checkHeaders(value: unknown, path: string, complain: Complain): void {
  for (const [name, text] of Object.entries(isObject(value) ? value : {})) {
    if (reservedHeaders.test(name))
      complain(`${path}.${name}`, 'The header is reserved and cannot be used.');
    if (typeof text !== 'string') complain(`${path}.${name}`, 'Invalid type. Expected: string.');
  }
}

function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
