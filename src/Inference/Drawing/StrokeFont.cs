namespace Serve.Inference.Drawing;

/// <summary>A straight piece of a letter, in font units: y = 0 is the top of capitals, y = 6 the baseline, y = 8 the lowest descender.</summary>
internal readonly record struct Stroke(float X1, float Y1, float X2, float Y2);

/// <summary>
/// A small built-in font made of straight strokes, so that labels are readable on a bare machine without any fonts. It has the printable ASCII
/// characters; every other one is shown as a question mark.
/// </summary>
internal static class StrokeFont
{
    /// <summary>Height of capitals in units.</summary>
    public const int CapHeight = 6;

    /// <summary>Height from the top of capitals to the lowest descender in units.</summary>
    public const int Height = 8;

    private const int Spacing = 2;
    private const int SpaceWidth = 2;
    private const char First = '!';
    private const char Unknown = '?';

    // One entry a character, from '!' on. Lines are separated by spaces; a line is a row of points, a point two digits: x, y. A dot is a line of one point.
    private static readonly string[] Lines =
    [
        "0004 06", "0002 2022", "1016 3036 0242 0444", "413010010213334445361605 2026", "4006 0010110100 3545463635", "4612112031320405162644", "0002",
        "10010516", "00111506", "2125 0244 4204", "2125 0343", "1507", "0333", "06", "4006",
        "103041453616050110", "011016 0626", "01103041420646", "0110304142334445361605 2333", "36300444", "400002324345361605",
        "413010010516364544331304", "004016", "13020110304142331304051636454433", "423313020110304145361605",
        "02 06", "12 1507", "410345", "0242 0444", "014305", "01103041422324 26", "34141232354541301001051646",
        "062046 1434", "06003041423303 3344453606", "4130100105163645", "00304145360600", "40000646 0333", "400006 0333", "41301001051636454323",
        "0006 4046 0343", "0020 1016 0626", "4045361605", "0006 4004 1346", "000646", "0600234046", "06004640", "103041453616050110",
        "06003041423303", "103041453616050110 2446", "06003041423303 2346", "413010010213334445361605", "0040 2026", "000516364540", "002640",
        "0016223640", "0046 4006", "002340 2326", "00400646",
        "10000616", "0046", "00101606", "022042", "0747", "0011",
        "3236 3322120305162635", "0006 0312223335261605", "3322120305162635", "3036 3322120305162635", "04343322120305162635", "201116 0222",
        "3237281807 3322120305162635", "0006 0312223336", "0206 00", "121708 10", "0006 320436", "000516", "0206 03122326 23324346",
        "0206 0312223336", "122233352616050312", "0208 0312223335261605", "3238 3322120305162635", "0206 031222", "3212031424352606", "101526 0222",
        "0205162635 3236", "022642", "0216233642", "0236 3206", "0226 4218", "02320636",
        "20111203141526", "0007", "00111223141506", "04133443",
    ];

    private static readonly Glyph[] Glyphs = [.. Lines.Select(Parse)];

    private static readonly Glyph Space = new([], SpaceWidth);

    private sealed record Glyph(Stroke[] Strokes, int Width);

    /// <summary>Width of a text in units.</summary>
    public static int Width(string text) => text.Length == 0 ? 0 : text.Sum(character => Of(character).Width + Spacing) - Spacing;

    /// <summary>The strokes of a text that begins at x = 0.</summary>
    public static IEnumerable<Stroke> Strokes(string text)
    {
        var x = 0;
        foreach (var glyph in text.Select(Of))
        {
            foreach (var stroke in glyph.Strokes)
                yield return stroke with { X1 = stroke.X1 + x, X2 = stroke.X2 + x };
            x += glyph.Width + Spacing;
        }
    }

    private static Glyph Of(char character) => character switch
    {
        ' ' => Space,
        >= First and <= '~' => Glyphs[character - First],
        _ => Glyphs[Unknown - First],
    };

    private static Glyph Parse(string lines)
    {
        var strokes = new List<Stroke>();
        foreach (var line in lines.Split(' '))
        {
            for (var i = 0; i < line.Length; i += 2)
            {
                var from = Math.Max(0, i - 2);
                if (i > 0 || line.Length == 2)
                    strokes.Add(new Stroke(line[from] - '0', line[from + 1] - '0', line[i] - '0', line[i + 1] - '0'));
            }
        }

        return new Glyph([.. strokes], (int)strokes.Max(stroke => Math.Max(stroke.X1, stroke.X2)));
    }
}
