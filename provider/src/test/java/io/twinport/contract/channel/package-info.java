/**
 * What {@code SocketChannel} and {@code ServerSocketChannel} must do: connect, accept, transfer,
 * close, be interrupted. Start at {@code ChannelContractSuite}, which has them all, with those of
 * {@code channel.selector} and {@code channel.adaptor}; extend it to run them over another
 * transport.
 */
package io.twinport.contract.channel;
