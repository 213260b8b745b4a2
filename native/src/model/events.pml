/*
 * How one process tells another that a slot has changed: ControlSegment.push and drain. An entry that
 * stands in the ring already is not put there again, so that the ring can't overflow.
 *
 * Memory is as in wakeup.pml.
 *
 * Claim: when nothing happens any more, what has changed last has been seen. Spin finds the contrary
 * as an assertion that fails, or as an invalid end state.
 *
 * Each of these takes one thing out, and the claim fails:
 *   NO_FENCE_BEHIND_STATE  push() looks at the peer's head before the change can be seen
 *   NO_FENCE_BEHIND_HEAD   drain() looks at the slot before its head can be seen
 *   LOOKS_FIRST            drain() looks at the slot before it gives the place back
 */
#define CHANGES 3

#define STATE 0
#define TAIL  1
#define HEAD  2
byte mem[3];

chan buffered0 = [3] of { byte, byte };
chan buffered1 = [3] of { byte, byte };

bool over;	/* all changes are made, and can be seen */

active proctype visible0()
{	byte where, what;
end:	do
	:: atomic { buffered0?where, what -> mem[where] = what }
	od
}

active proctype visible1()
{	byte where, what;
end:	do
	:: atomic { buffered1?where, what -> mem[where] = what }
	od
}

/* Changes the slot, and pushes. */
active proctype pusher()
{	byte state, pushed, last;
	do
	:: state < CHANGES ->
		state++;
		buffered0!STATE, state;
#ifndef NO_FENCE_BEHIND_STATE
		empty(buffered0);
#endif
		if
		:: last <= mem[HEAD] ->
			pushed++;
			last = pushed;
			buffered0!TAIL, pushed
		:: else	/* the entry stands there still */
		fi
	:: else -> break
	od;
	empty(buffered0);
	over = true
}

/* Drains, whenever there is something; that it is woken for that is wakeup.pml's. */
active proctype drainer()
{	byte handled, taken, seen;
	do
	:: mem[TAIL] != handled ->
		taken = mem[TAIL];
#ifdef LOOKS_FIRST
		seen = mem[STATE];
#endif
		buffered1!HEAD, taken;
#ifndef NO_FENCE_BEHIND_HEAD
		empty(buffered1);
#endif
#ifndef LOOKS_FIRST
		seen = mem[STATE];
#endif
		handled = taken
	:: atomic { over && mem[TAIL] == handled -> assert(seen == CHANGES); break }
	od
}
