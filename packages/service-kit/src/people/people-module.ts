import { Module } from '@nestjs/common';
import { Passwords } from './passwords.js';
import { People } from './people.service.js';
import { PersonMails } from './person-mails.js';
import { SessionController } from './session.controller.js';
import { SignIns } from './sign-ins.js';

/** Signing in, for the services that have pages. */
@Module({
  controllers: [SessionController],
  providers: [Passwords, PersonMails, SignIns, People],
  exports: [Passwords, People, SignIns],
})
export class PeopleModule {}
