using Microsoft.Win32.SafeHandles;
using Nspawn.Linux;

namespace Nspawn.Core;

/// <summary>Tells a 32-bit tree by the header of its shell or init; elf(5).</summary>
public static class ElfClass
{
    private const byte Elf32 = 1;

    public static bool Is32Bit(RootDirectory tree)
    {
        // No 32-bit program of the tree would find its loader. In a compressed image one name costs less than a file.
        if (tree.Exists("/usr/lib64/ld-linux-x86-64.so.2") && !tree.Exists("/usr/lib/ld-linux.so.2"))
        {
            return false;
        }

        foreach (string program in (ReadOnlySpan<string>)["/bin/sh", "/sbin/init"])
        {
            using SafeFileHandle? file = tree.TryOpenRegular(program);
            if (file is null)
            {
                continue;
            }

            byte[] header = Descriptors.ReadAll(file, 5, program);
            return header is [0x7f, (byte)'E', (byte)'L', (byte)'F', Elf32];
        }

        return false;
    }
}
