/**
 * What all contracts are written with. Start at {@code ContractTest}, their base. {@code Transport}
 * is what they run over; implement it, or use {@code SwitchTransport}. {@code Background} runs a
 * call that blocks, {@code Eventually} waits for what has no event, {@code Here} and {@code
 * OneHost} say which tests need both ends at hand when the contract runs over two JVMs.
 */
package io.twinport.contract.support;
