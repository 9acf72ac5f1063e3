namespace Serve.Inference.Onnx.Rewriting;

/// <summary>Changes to a graph. What is not changed is copied from its file as it is, so that nothing gets lost that is not understood here.</summary>
/// <param name="file">The ONNX file.</param>
/// <param name="graph">Its graph.</param>
internal sealed class GraphEdit(FileStream file, StoredGraph graph)
{
    // The fields of a model and of a graph.
    private const int GraphField = 7;
    private const int NodeField = 1;
    private const int InitialiserField = 5;

    // What comes in the place of a part of the file.
    private readonly SortedList<long, (ByteRange Old, byte[] New)> _changes = [];
    private readonly List<byte[]> _added = [];

    /// <summary>True when there are changes.</summary>
    public bool IsChanged => _changes.Count + _added.Count > 0;

    /// <summary>Leaves a node out.</summary>
    public void Remove(StoredNode node) => _changes[node.Range.Start] = (node.Range, []);

    /// <summary>Puts a node in the place of another.</summary>
    /// <param name="node">The node.</param>
    /// <param name="message">The new NodeProto.</param>
    public void Replace(StoredNode node, byte[] message) => _changes[node.Range.Start] = (node.Range, new WireWriter().Field(NodeField, message).ToArray());

    /// <summary>Adds an initialiser.</summary>
    /// <param name="message">The TensorProto.</param>
    public void Add(byte[] message) => _added.Add(new WireWriter().Field(InitialiserField, message).ToArray());

    /// <summary>Writes the changed model.</summary>
    /// <exception cref="IOException">A file cannot be read or written.</exception>
    public void Write(string path)
    {
        using var target = new FileStream(path, FileMode.Create, FileAccess.Write);
        FileBytes.Copy(file, new ByteRange(0, graph.Range.Start), target);
        var length = graph.Content.Length + _changes.Values.Sum(change => change.New.Length - change.Old.Length) + _added.Sum(field => (long)field.Length);
        target.Write(new WireWriter().Head(GraphField, length).ToArray());
        var at = graph.Content.Start;
        foreach (var (old, changed) in _changes.Values)
        {
            FileBytes.Copy(file, new ByteRange(at, old.Start), target);
            target.Write(changed);
            at = old.End;
        }

        FileBytes.Copy(file, new ByteRange(at, graph.Content.End), target);
        foreach (var field in _added)
            target.Write(field);
        FileBytes.Copy(file, new ByteRange(graph.Range.End, file.Length), target);
    }
}
