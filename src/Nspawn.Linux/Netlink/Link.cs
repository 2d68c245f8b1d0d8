using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Nspawn.Linux.Interop;

namespace Nspawn.Linux;

/// <summary>A network interface.</summary>
/// <param name="Index">Its number in its namespace.</param>
/// <param name="Name">At most 15 bytes.</param>
public sealed record Link(int Index, string Name)
{
    /// <summary>Other names it goes by.</summary>
    public ImmutableArray<string> AltNames { get; init; } = [];

    /// <summary>What made it: veth, bridge, macvlan; empty for hardware.</summary>
    public string Kind { get; init; } = "";

    /// <summary>The link-layer address.</summary>
    public ImmutableArray<byte> Address { get; init; } = [];

    /// <summary>The index of the bridge it is a port of; 0: of none.</summary>
    public int Master { get; init; }

    public bool IsUp { get; init; }

    public bool IsLoopback { get; init; }

    public bool HasName(string name) => Name == name || AltNames.Contains(name);

    internal static unsafe Link FromMessage(ReadOnlySpan<byte> body)
    {
        LibC.ifinfomsg info = MemoryMarshal.Read<LibC.ifinfomsg>(body);
        Link link = new(info.ifi_index, "")
        {
            IsUp = (info.ifi_flags & LibC.IFF_UP) != 0,
            IsLoopback = (info.ifi_flags & LibC.IFF_LOOPBACK) != 0,
        };
        NetlinkAttributes attributes = new(body[sizeof(LibC.ifinfomsg)..]);
        while (attributes.Next())
        {
            link = attributes.Type switch
            {
                LibC.IFLA_IFNAME => link with { Name = attributes.Text },
                LibC.IFLA_ADDRESS => link with { Address = [.. attributes.Value] },
                LibC.IFLA_MASTER => link with { Master = (int)attributes.Number },
                LibC.IFLA_LINKINFO => link with { Kind = FirstText(attributes.Value, LibC.IFLA_INFO_KIND) ?? "" },
                LibC.IFLA_PROP_LIST => link with { AltNames = Texts(attributes.Value, LibC.IFLA_ALT_IFNAME) },
                _ => link,
            };
        }

        return link;
    }

    private static string? FirstText(ReadOnlySpan<byte> nested, ushort type) => Texts(nested, type) is [var text, ..] ? text : null;

    private static ImmutableArray<string> Texts(ReadOnlySpan<byte> nested, ushort type)
    {
        ImmutableArray<string> texts = [];
        NetlinkAttributes attributes = new(nested);
        while (attributes.Next())
        {
            texts = attributes.Type == type ? texts.Add(attributes.Text) : texts;
        }

        return texts;
    }
}

/// <summary>A link that is to be: its name and its link-layer address; null: the kernel picks one.</summary>
public sealed record NewLink(string Name, ReadOnlyMemory<byte>? Address);
