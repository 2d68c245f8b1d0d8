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
    private const byte JumpIfNotEqual = 0x55, Exit = 0x95;

    // Registers. The context arrives in r1, the answer leaves in r0.
    private const int Answer = 0, Context = 1, Kind = 2, Access = 3, Major = 4, Minor = 5;

    // struct bpf_cgroup_dev_ctx: access_type has the kind in its lower half and the access in its upper.
    private const short AccessTypeOffset = 0, MajorOffset = 4, MinorOffset = 8;

    private const int Prologue = 6, InstructionsPerRule = 8, Epilogue = 2;

    /// <summary>Compiles the rules; what none of them allows is denied.</summary>
    /// <returns>Each element is one <c>struct bpf_insn</c> as it lies in memory.</returns>
    public static ImmutableArray<ulong> Compile(ReadOnlySpan<DeviceRule> rules)
    {
        ImmutableArray<ulong>.Builder program =
            ImmutableArray.CreateBuilder<ulong>(Prologue + (rules.Length * InstructionsPerRule) + Epilogue);

        program.Add(Instruction(LoadWord, Kind, Context, AccessTypeOffset));
        program.Add(Instruction(Move, Access, Kind));
        program.Add(Instruction(AndImmediate, Kind, immediate: 0xffff));
        program.Add(Instruction(ShiftRightImmediate, Access, immediate: 16));
        program.Add(Instruction(LoadWord, Major, Context, MajorOffset));
        program.Add(Instruction(LoadWord, Minor, Context, MinorOffset));

        foreach (DeviceRule rule in rules)
        {
            AddRule(program, rule);
        }

        program.Add(Instruction(MoveImmediate, Answer));
        program.Add(Instruction(Exit));
        return program.DrainToImmutable();
    }

    /// <summary>Answers 1 if the rule grants the access, goes on behind itself if not.</summary>
    private static void AddRule(ImmutableArray<ulong>.Builder program, DeviceRule rule)
    {
        bool checksAccess = rule.Access != DeviceAccess.All;
        short left = (short)((rule.Minor is null ? 0 : 1) + (checksAccess ? 3 : 0) + 3);

        program.Add(Instruction(JumpIfNotEqual, Kind, offset: left, immediate: (int)rule.Kind));
        program.Add(Instruction(JumpIfNotEqual, Major, offset: --left, immediate: (int)rule.Major));
        if (rule.Minor is { } minor)
        {
            program.Add(Instruction(JumpIfNotEqual, Minor, offset: --left, immediate: (int)minor));
        }

        if (checksAccess)
        {
            program.Add(Instruction(Move, Answer, Access));
            program.Add(Instruction(AndImmediate, Answer, immediate: (int)(DeviceAccess.All & ~rule.Access)));
            program.Add(Instruction(JumpIfNotEqual, Answer, offset: 2));
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
