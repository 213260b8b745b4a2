/**
 * The programs of the demo: an ordinary server and an ordinary client. Nothing of Twinport may
 * enter: they show that unmodified programs will do.
 */
package io.twinport.agent.demo;
