using System.Collections.Immutable;

namespace Nspawn.Core;

/// <summary>A line of /etc/fstab; fstab(5).</summary>
/// <param name="Number">Its number, from 1.</param>
/// <param name="Source">What is mounted: a device, <c>UUID=</c>, a server's export, a word.</param>
/// <param name="Target">Where; <c>none</c> for swap.</param>
/// <param name="Type">The file system.</param>
/// <param name="Options">Separated by commas.</param>
public sealed record FstabLine(int Number, string Source, string Target, string Type, string Options)
{
    private static readonly ImmutableArray<string> s_tags = ["UUID=", "LABEL=", "PARTUUID=", "PARTLABEL=", "ID=", "/dev/", "/sys/"];

    private static readonly ImmutableArray<string> s_network =
        ["nfs", "nfs4", "cifs", "smb3", "smbfs", "ncpfs", "afs", "ceph", "glusterfs", "sshfs", "davfs", "fuse.sshfs", "fuse.glusterfs", "lustre", "orangefs"];

    /// <summary>It has not the fields that a line needs.</summary>
    public bool IsMalformed => Type.Length == 0;

    public bool IsSwap => Type == "swap";

    /// <summary>It comes from a disk of the machine, which a container has none of.</summary>
    public bool IsDevice => s_tags.Any(tag => Source.StartsWith(tag, StringComparison.Ordinal)) || Type is "9p" or "virtiofs";

    public bool IsNetwork => s_network.Contains(Type) || Has("_netdev");

    public bool Has(string option) => Options.Split(',').Contains(option);

    public static ImmutableArray<FstabLine> Parse(string text)
    {
        ImmutableArray<FstabLine>.Builder lines = ImmutableArray.CreateBuilder<FstabLine>();
        int number = 0;
        foreach (string line in text.Split('\n'))
        {
            number++;
            string[] fields = line.Split((char[])[' ', '\t', '\r'], StringSplitOptions.RemoveEmptyEntries);
            if (fields.Length > 0 && fields[0][0] != '#')
            {
                string Field(int index) => index < fields.Length ? fields[index] : "";
                lines.Add(new FstabLine(number, Field(0), Field(1), Field(2), Field(3)));
            }
        }

        return lines.ToImmutable();
    }
}
