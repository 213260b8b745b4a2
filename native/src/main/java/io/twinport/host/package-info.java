/**
 * What every SAN provider needs of the process and the host it is in: how it starts, which
 * addresses are whose, and the queue that a listener is to the application. No native code, nothing
 * of any one provider.
 */
package io.twinport.host;
