import type { FastifyInstance } from 'fastify';
import { problemPage } from '../pages/page-layout.ts';
import { controlPage } from './control-page.ts';
import { mailFrame, mailFramePolicy, mailPage } from './mailbox-page.ts';
import type { WorldControls } from './world-controls.ts';

/** The control page and the mailbox as a person reads them. */
export function registerPages(app: FastifyInstance, controls: WorldControls): void {
  app.get('/', async (_request, reply) =>
    reply.type('text/html').send(controlPage(await controls.state())),
  );
  app.get<{ Params: { id: string } }>('/mailbox/:id', async (request, reply) => {
    const mail = await controls.mailbox.get(request.params.id);
    reply.type('text/html');
    return mail ? mailPage(mail) : reply.code(404).send(unknownMailPage());
  });
  app.get<{ Params: { id: string } }>('/mailbox/:id/html', async (request, reply) => {
    const mail = await controls.mailbox.get(request.params.id);
    reply.type('text/html').header('content-security-policy', mailFramePolicy);
    return mail ? mailFrame(mail) : reply.code(404).send(unknownMailPage());
  });
}

function unknownMailPage(): string {
  return problemPage(
    'There is no such mail',
    'It may have been sent by an earlier data directory.',
  );
}
