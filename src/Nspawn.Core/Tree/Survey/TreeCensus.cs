using System.Collections.Immutable;
using Nspawn.Linux;

namespace Nspawn.Core;

/// <summary>What is counted over all the files of a tree.</summary>
public sealed record TreeCensus
{
    /// <summary>Directories whose content is of no use in an image that is handed on, and why.</summary>
    public static readonly ImmutableDictionary<string, Leftover> Leftovers = new Dictionary<string, Leftover>
    {
        ["/var/cache/apt"] = Leftover.PackageCache,
        ["/var/lib/apt/lists"] = Leftover.PackageCache,
        ["/var/cache/dnf"] = Leftover.PackageCache,
        ["/var/cache/libdnf5"] = Leftover.PackageCache,
        ["/var/cache/yum"] = Leftover.PackageCache,
        ["/var/cache/zypp"] = Leftover.PackageCache,
        ["/var/cache/pacman/pkg"] = Leftover.PackageCache,
        ["/var/cache/apk"] = Leftover.PackageCache,
        ["/var/log"] = Leftover.Log,
        ["/var/tmp"] = Leftover.Temporary,
        ["/tmp"] = Leftover.Temporary,
    }.ToImmutableDictionary();

    public long Files { get; init; }

    /// <summary>What they take on the disk; a file of several names once.</summary>
    public long Bytes { get; init; }
    public long SetUserId { get; init; }
    public long SetGroupId { get; init; }
    public long WithCapabilities { get; init; }

    /// <summary>Files by the range of 65536 that their owner, or their group, is in.</summary>
    public ImmutableSortedDictionary<uint, long> Ranges { get; init; } = ImmutableSortedDictionary<uint, long>.Empty;

    /// <summary>Files of nobody (65534): often what an id became that nothing was mapped to.</summary>
    public long OfNobody { get; init; }

    /// <summary>The bytes in each kind of leftover.</summary>
    public ImmutableDictionary<Leftover, long> LeftoverBytes { get; init; } = ImmutableDictionary<Leftover, long>.Empty;

    /// <summary>Directories that could not be read.</summary>
    public int Unread { get; init; }
}

/// <summary>What a file that nobody misses was for.</summary>
public enum Leftover { PackageCache, Log, Temporary }

/// <summary>Counts while the tree is walked.</summary>
public sealed class CensusTaker
{
    private const uint SetUserIdBit = 0x800, SetGroupIdBit = 0x400;
    private const uint Nobody = 65534;

    private readonly HashSet<(ulong, ulong)> _linked = [];
    private readonly Dictionary<uint, long> _ranges = [];
    private readonly long[] _leftovers = new long[Enum.GetValues<Leftover>().Length];
    private long _bytes, _setUserId, _setGroupId, _withCapabilities, _ofNobody;
    private string _directory = "";
    private Leftover? _leftover;

    /// <summary>Files seen so far.</summary>
    public long Files { get; private set; }

    public void Count(in WalkedFile file)
    {
        Files++;
        FileStatus status = file.Status;
        CountOwner(status.Uid);
        if (status.Uid >> 16 != status.Gid >> 16)
        {
            CountOwner(status.Gid);
        }

        _ofNobody += (status.Uid & 0xffff) == Nobody ? 1 : 0;
        if (status.Links > 1 && status.Type != FileType.Directory && !_linked.Add((status.Device, status.Inode)))
        {
            return;
        }

        bool regular = status.Type == FileType.Regular;
        _setUserId += regular && (status.Permissions & SetUserIdBit) != 0 ? 1 : 0;
        _setGroupId += regular && (status.Permissions & SetGroupIdBit) != 0 ? 1 : 0;
        _withCapabilities += file.HasCapabilities ? 1 : 0;
        _bytes += status.Allocated;
        if (regular && LeftoverAt(file.Directory) is Leftover leftover)
        {
            _leftovers[(int)leftover] += status.Allocated;
        }
    }

    public TreeCensus Result(int unread) => new()
    {
        Files = Files,
        Bytes = _bytes,
        SetUserId = _setUserId,
        SetGroupId = _setGroupId,
        WithCapabilities = _withCapabilities,
        OfNobody = _ofNobody,
        Ranges = _ranges.ToImmutableSortedDictionary(),
        LeftoverBytes = Enum.GetValues<Leftover>().ToImmutableDictionary(one => one, one => _leftovers[(int)one]),
        Unread = unread,
    };

    private void CountOwner(uint id)
    {
        ref long count = ref System.Runtime.InteropServices.CollectionsMarshal.GetValueRefOrAddDefault(_ranges, id & 0xffff_0000, out _);
        count++;
    }

    // The walk brings all files of a directory with the same string.
    private Leftover? LeftoverAt(string directory)
    {
        if (!ReferenceEquals(directory, _directory))
        {
            _directory = directory;
            _leftover = null;
            for (string at = directory; at.Length > 1 && _leftover is null; at = RootDirectory.Split(at).Parent)
            {
                _leftover = TreeCensus.Leftovers.TryGetValue(at, out Leftover found) ? found : null;
            }
        }

        return _leftover;
    }
}
