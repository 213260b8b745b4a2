/**
 * What every SAN provider needs of the process and the host it is in: how it starts, and which
 * addresses are whose. No native code, nothing of any one provider.
 */
package io.twinport.host;
