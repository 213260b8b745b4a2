/**
 * What channels, selectors and sockets must do, as tests that run over every transport: the JDK's
 * TCP is the oracle. The contracts lie in {@code channel}, {@code socket}, {@code async} and {@code
 * san}, each with a suite; here they are run over the transports that need this module only. No
 * contract knows how a transport works; only {@code *Test} classes name one.
 *
 * <p>To run them over another transport, extend {@code ChannelContractSuite}, {@code
 * SocketContractSuite}, {@code AsynchronousContractSuite} and {@code FullBacklogContractSuite} with
 * a class that gives its {@code Transport} to the constructor, as {@code
 * SwitchInProcessContractTest} does; for a SAN provider that is {@code SwitchTransport.over}. What
 * needs one of these, such as {@code SanPathContract}, is added as a nested class.
 */
package io.twinport.contract;
