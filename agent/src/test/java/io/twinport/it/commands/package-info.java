/**
 * What a user calls to look into processes, or to change them: status, off and on, attach, doctor.
 */
package io.twinport.it.commands;
