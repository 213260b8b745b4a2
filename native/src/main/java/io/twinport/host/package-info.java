/**
 * What every SAN provider needs of the process and the host it is in: how it starts, which
 * addresses are whose, the queue that a listener is to the application, room on the stack, what is
 * done with faults. No native code, nothing of any one provider; uses {@code spi} and {@code
 * config}. Where to start reading: {@link io.twinport.host.Starter}, then {@link
 * io.twinport.host.QueueListener}.
 */
package io.twinport.host;
