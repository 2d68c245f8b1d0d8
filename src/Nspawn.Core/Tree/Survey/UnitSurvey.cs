using System.Collections.Immutable;
using System.Text;
using Microsoft.Win32.SafeHandles;
using Nspawn.Linux;

namespace Nspawn.Core;

/// <summary>
/// Finds the units that systemd would start with the tree: from default.target along the links that enable units and the
/// dependencies in unit files, without running anything. What generators would make is not among them.
/// </summary>
public sealed class UnitSurvey(RootDirectory tree)
{
    private const int MaximumUnits = 4000;
    private const int SmallFile = 64 * 1024;
    private const string Administrator = "/etc/systemd/system";

    private static readonly ImmutableArray<string> s_places =
        [Administrator, "/usr/local/lib/systemd/system", "/usr/lib/systemd/system", "/lib/systemd/system"];

    private readonly Dictionary<string, BootUnit> _units = [];
    private readonly HashSet<string> _enabled = [];
    private readonly Dictionary<string, List<string>> _directories = [];

    public ImmutableArray<BootUnit> Read()
    {
        // A listing of each place answers most questions for drop-ins and links without a call.
        foreach (string place in s_places)
        {
            _directories[place] = DirectoryListing.Of(tree, place);
        }

        Queue<string> wanted = new(["default.target", "sysinit.target", "basic.target"]);
        while (wanted.TryDequeue(out string? name) && _units.Count < MaximumUnits)
        {
            if (_units.ContainsKey(name))
            {
                continue;
            }

            BootUnit unit = Load(name, out string realName);
            _units[name] = unit;
            if (unit.State != BootUnitState.Loaded)
            {
                continue;
            }

            foreach (string next in Linked(name).Concat(name == realName ? [] : Linked(realName)).Concat(Asked(unit)))
            {
                wanted.Enqueue(next);
            }
        }

        return [.. _units.Values.Select(unit => unit with { IsEnabled = _enabled.Contains(unit.Name) })];
    }

    private static IEnumerable<string> Asked(BootUnit unit) =>
        ((string[])["Unit.Requires", "Unit.Wants", "Unit.BindsTo", "Unit.Upholds"]).SelectMany(unit.Units);

    private List<string> Linked(string name)
    {
        List<string> names = [];
        foreach (string place in s_places)
        {
            foreach (string suffix in (ReadOnlySpan<string>)[".wants", ".requires", ".upholds"])
            {
                if (!_directories[place].Contains(name + suffix))
                {
                    continue;
                }

                IEnumerable<string> linked = DirectoryListing.Of(tree, $"{place}/{name}{suffix}").Where(UnitFile.IsName);
                names.AddRange(linked);
                _enabled.UnionWith(place == Administrator ? linked : []);
            }
        }

        return names;
    }

    private BootUnit Load(string name, out string realName)
    {
        realName = name;
        int at = name.IndexOf('@');
        string template = at > 0 ? name[..(at + 1)] + name[name.LastIndexOf('.')..] : name;
        foreach (string candidate in template == name ? (string[])[name] : [name, template])
        {
            foreach (string place in s_places.Where(place => _directories[place].Contains(candidate)))
            {
                string path = $"{place}/{candidate}";
                if (tree.ReadLink(path) is "/dev/null")
                {
                    return new BootUnit { Name = name, State = BootUnitState.Masked };
                }

                if (tree.ReadFile(path, SmallFile) is byte[] content)
                {
                    realName = NameBehind(path, name);
                    return content.Length == 0
                        ? new BootUnit { Name = name, State = BootUnitState.Masked }
                        : new BootUnit { Name = name, Settings = [.. UnitFile.Parse(Encoding.UTF8.GetString(content)), .. DropIns(name, template)] };
                }
            }
        }

        return new BootUnit { Name = name, State = BootUnitState.Missing };
    }

    // By file name over all places, as systemd orders them; the administrator's replaces the vendor's of the same name.
    private IEnumerable<UnitSetting> DropIns(string name, string template)
    {
        SortedDictionary<string, string> files = new(StringComparer.Ordinal);
        foreach (string place in s_places.Reverse())
        {
            foreach (string directory in ((string[])[$"{template}.d", $"{name}.d"]).Distinct().Where(_directories[place].Contains))
            {
                foreach (string file in DirectoryListing.Of(tree, $"{place}/{directory}").Where(file => file.EndsWith(".conf", StringComparison.Ordinal)))
                {
                    files[file] = $"{place}/{directory}/{file}";
                }
            }
        }

        return files.Values.SelectMany(path => UnitFile.Parse(Encoding.UTF8.GetString(tree.ReadFile(path, SmallFile) ?? [])));
    }

    /// <summary>An alias is a link: the links that enable units stand beside the name it leads to.</summary>
    private string NameBehind(string path, string name)
    {
        using SafeFileHandle? file = tree.ReadLink(path) is null ? null : tree.TryOpen(path, OpenMode.Path, out _);
        string real = file is null ? name : RootDirectory.Split(HostFiles.PathOf(file)).Name;
        return UnitFile.IsName(real) && !real.Contains("@.", StringComparison.Ordinal) ? real : name;
    }
}
