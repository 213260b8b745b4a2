/**
 * What the sockets and streams that are made of a channel must do. Start at {@code
 * SocketAdaptorContract}. They run over another transport as part of {@code ChannelContractSuite}.
 */
package io.twinport.contract.channel.adaptor;
