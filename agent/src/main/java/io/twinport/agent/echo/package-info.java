/**
 * The programs of the demo: an ordinary server and an ordinary client. Nothing of Twinport may
 * enter: they show that unmodified programs will do. Start reading at {@link
 * io.twinport.agent.echo.EchoServer}.
 */
package io.twinport.agent.echo;
