using System.Collections.Immutable;

namespace Nspawn.Core;

/// <summary>
/// A device policy as the eBPF program (BPF_PROG_TYPE_CGROUP_DEVICE) that cgroup v2 asks about every open and mknod of
/// a device node; it answers 1 to let it happen, 0 for EPERM.
/// </summary>
public static class DeviceProgram
{
    // linux/bpf.h, linux/bpf_common.h: codes
    private const byte LoadWord = 0x61, MoveImmediate = 0xb7, Move = 0xbf, AndImmediate = 0x57, ShiftRightImmediate = 0x77;
    private const byte JumpIfNotEqual = 0x55, JumpIfEqual = 0x15, Jump = 0x05, Exit = 0x95;

    // Registers. The context arrives in r1, the answer leaves in r0.
    private const int Answer = 0, Context = 1, Kind = 2, Access = 3, Major = 4, Minor = 5;

    // struct bpf_cgroup_dev_ctx: access_type has the kind in its lower half and the access in its upper.
    private const short AccessTypeOffset = 0, MajorOffset = 4, MinorOffset = 8;

    /// <summary>Compiles the rules; what none of them allows is denied.</summary>
    /// <remarks>
    /// Rules that differ in their minor number only share their checks: the kernel proves every path of a program
    /// safe when it is loaded, at each launch, and that is most of what the policy costs.
    /// </remarks>
    /// <returns>Each element is one <c>struct bpf_insn</c> as it lies in memory.</returns>
    public static ImmutableArray<ulong> Compile(ReadOnlySpan<DeviceRule> rules)
    {
        List<ulong> program =
        [
            Instruction(LoadWord, Kind, Context, AccessTypeOffset),
            Instruction(Move, Access, Kind),
            Instruction(AndImmediate, Kind, immediate: 0xffff),
            Instruction(ShiftRightImmediate, Access, immediate: 16),
            Instruction(LoadWord, Major, Context, MajorOffset),
            Instruction(LoadWord, Minor, Context, MinorOffset),
        ];
        Span<bool> compiled = new bool[rules.Length];
        for (int i = 0; i < rules.Length; i++)
        {
            if (!compiled[i])
            {
                AddGroup(program, MinorsLike(rules, i, compiled), rules[i]);
            }
        }

        program.Add(Instruction(MoveImmediate, Answer));
        program.Add(Instruction(Exit));
        return [.. program];
    }

    /// <summary>The minor numbers of all rules that are otherwise as this one; empty: any.</summary>
    private static List<uint> MinorsLike(ReadOnlySpan<DeviceRule> rules, int first, Span<bool> compiled)
    {
        List<uint> minors = [];
        bool any = false;
        for (int i = first; i < rules.Length; i++)
        {
            if (rules[i] with { Minor = null } == rules[first] with { Minor = null })
            {
                compiled[i] = true;
                any |= rules[i].Minor is null;
                minors.Add(rules[i].Minor ?? 0);
            }
        }

        return any ? [] : minors;
    }

    /// <summary>Answers 1 if the group grants the access, goes on behind itself if not.</summary>
    private static void AddGroup(List<ulong> program, List<uint> minors, DeviceRule rule)
    {
        bool checksAccess = rule.Access != DeviceAccess.All;
        int checks = (checksAccess ? 3 : 0) + (minors.Count == 0 ? 0 : minors.Count + 1);
        short left = (short)(checks + 3);
        program.Add(Instruction(JumpIfNotEqual, Kind, offset: left, immediate: (int)rule.Kind));
        program.Add(Instruction(JumpIfNotEqual, Major, offset: --left, immediate: (int)rule.Major));
        if (checksAccess)
        {
            left -= 3;
            program.Add(Instruction(Move, Answer, Access));
            program.Add(Instruction(AndImmediate, Answer, immediate: (int)(DeviceAccess.All & ~rule.Access)));
            program.Add(Instruction(JumpIfNotEqual, Answer, offset: left, immediate: 0));
        }

        for (int i = 0; i < minors.Count; i++)
        {
            program.Add(Instruction(JumpIfEqual, Minor, offset: (short)(minors.Count - i), immediate: (int)minors[i]));
        }

        if (minors.Count > 0)
        {
            program.Add(Instruction(Jump, offset: 2));
        }

        program.Add(Instruction(MoveImmediate, Answer, immediate: 1));
        program.Add(Instruction(Exit));
    }

    private static ulong Instruction(
        byte code, int destination = 0, int source = 0, short offset = 0, int immediate = 0) =>
        code
        | ((ulong)destination << 8)
        | ((ulong)source << 12)
        | ((ulong)(ushort)offset << 16)
        | ((ulong)(uint)immediate << 32);
}
