/** What can be asked of the state machine: command kinds, who may send them, and their encoding. */
@org.jspecify.annotations.NullMarked
package io.quorate.statemachine.command;
