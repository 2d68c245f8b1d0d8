using Microsoft.Win32.SafeHandles;
using Nspawn.Linux.Interop;

namespace Nspawn.Linux;

/// <summary>Loads extended BPF programs and hangs them on cgroups; bpf(2).</summary>
public static unsafe class Bpf
{
    private const int BPF_PROG_LOAD = 5;
    private const int BPF_PROG_ATTACH = 8;
    private const uint BPF_PROG_TYPE_CGROUP_DEVICE = 15;
    private const uint BPF_CGROUP_DEVICE = 6;
    private const uint BPF_F_ALLOW_MULTI = 2;

    private struct LoadAttributes
    {
        public uint prog_type;
        public uint insn_cnt;
        public ulong insns;
        public ulong license;
        public uint log_level;
        public uint log_size;
        public ulong log_buf;
        public uint kern_version;
        public uint prog_flags;
    }

    private struct AttachAttributes
    {
        public uint target_fd;
        public uint attach_bpf_fd;
        public uint attach_type;
        public uint attach_flags;
    }

    /// <summary>From now on every process of the group, and of the groups below it, opens and makes only the devices the program allows.</summary>
    public static void RestrictDevices(SafeFileHandle cgroup, ReadOnlySpan<ulong> program)
    {
        using Utf8 license = new("MIT");
        using SafeFileHandle loaded = Load(program, license);
        AttachAttributes attach = new()
        {
            target_fd = (uint)cgroup.Fd(),
            attach_bpf_fd = (uint)loaded.Fd(),
            attach_type = BPF_CGROUP_DEVICE,
            attach_flags = BPF_F_ALLOW_MULTI,
        };
        _ = Check.Result(
            LibC.syscall(LibC.SYS_bpf, BPF_PROG_ATTACH, (nint)(&attach), sizeof(AttachAttributes), 0, 0, 0),
            "device program on the container's cgroup");
    }

    private static SafeFileHandle Load(ReadOnlySpan<ulong> program, nint license)
    {
        fixed (ulong* instructions = program)
        {
            LoadAttributes load = new()
            {
                prog_type = BPF_PROG_TYPE_CGROUP_DEVICE,
                insn_cnt = (uint)program.Length,
                insns = (ulong)instructions,
                license = (ulong)license,
            };
            return Descriptors.Own(Check.Result(
                LibC.syscall(LibC.SYS_bpf, BPF_PROG_LOAD, (nint)(&load), sizeof(LoadAttributes), 0, 0, 0),
                "device program"));
        }
    }
}
