/**
 * What {@code Selector} and {@code SelectionKey} must do, alone, under load, and with connections
 * of different kinds in one selector. Start at {@code SelectorContract}. They run over another
 * transport as part of {@code ChannelContractSuite}.
 */
package io.twinport.contract.channel.selector;
