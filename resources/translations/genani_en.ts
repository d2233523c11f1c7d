<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="en" sourcelanguage="en">
    <context>
        <name>ActingCommands</name>
        <message numerus="yes">
            <source>%n mouth shape(s) from frame {0} on layer {1}.</source>
            <translation>
                <numerusform>%n mouth shape from frame {0} on layer {1}.</numerusform>
                <numerusform>%n mouth shapes from frame {0} on layer {1}.</numerusform>
            </translation>
        </message>
    </context>
    <context>
        <name>AnimateWindow</name>
        <message numerus="yes">
            <source>%n drawing(s) on {0}: {1}</source>
            <translation>
                <numerusform>%n drawing on {0}: {1}</numerusform>
                <numerusform>%n drawings on {0}: {1}</numerusform>
            </translation>
        </message>
    </context>
    <context>
        <name>ClipsPage</name>
        <message numerus="yes">
            <source>%n clip(s)</source>
            <translation>
                <numerusform>%n clip</numerusform>
                <numerusform>%n clips</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>%n frame(s)</source>
            <translation>
                <numerusform>%n frame</numerusform>
                <numerusform>%n frames</numerusform>
            </translation>
        </message>
    </context>
    <context>
        <name>Documents</name>
        <message numerus="yes">
            <source>%n file(s) written to {0}</source>
            <translation>
                <numerusform>%n file written to {0}</numerusform>
                <numerusform>%n files written to {0}</numerusform>
            </translation>
        </message>
    </context>
    <context>
        <name>ExportWindow</name>
        <message numerus="yes">
            <source>On %n frame(s) an in-between is not drawn yet; what shows now is written.</source>
            <translation>
                <numerusform>On %n frame an in-between is not drawn yet; what shows now is written.</numerusform>
                <numerusform>On %n frames an in-between is not drawn yet; what shows now is written.</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>Replace %n file(s)?</source>
            <translation>
                <numerusform>Replace %n file?</numerusform>
                <numerusform>Replace %n files?</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>%n file(s) written to {0}</source>
            <translation>
                <numerusform>%n file written to {0}</numerusform>
                <numerusform>%n files written to {0}</numerusform>
            </translation>
        </message>
    </context>
    <context>
        <name>FaceCommands</name>
        <message numerus="yes">
            <source>%n faces were found; Next face takes another one.</source>
            <translation>
                <numerusform>%n faces were found; Next face takes another one.</numerusform>
                <numerusform>%n faces were found; Next face takes another one.</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>A face was found on %n key(s).</source>
            <translation>
                <numerusform>A face was found on %n key.</numerusform>
                <numerusform>A face was found on %n keys.</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>No face was found on %n key(s): go there, and place it by hand.</source>
            <translation>
                <numerusform>No face was found on %n key: go there, and place it by hand.</numerusform>
                <numerusform>No face was found on %n keys: go there, and place it by hand.</numerusform>
            </translation>
        </message>
    </context>
    <context>
        <name>FacePanel</name>
        <message numerus="yes">
            <source>Apply to %n other selected span(s)</source>
            <translation>
                <numerusform>Apply to %n other selected span</numerusform>
                <numerusform>Apply to %n other selected spans</numerusform>
            </translation>
        </message>
    </context>
    <context>
        <name>LabelsPage</name>
        <message numerus="yes">
            <source>%n clip(s) not looked at yet</source>
            <translation>
                <numerusform>%n clip not looked at yet</numerusform>
                <numerusform>%n clips not looked at yet</numerusform>
            </translation>
        </message>
    </context>
    <context>
        <name>Looks</name>
        <message numerus="yes">
            <source>%n in-between(s)</source>
            <translation>
                <numerusform>%n in-between</numerusform>
                <numerusform>%n in-betweens</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>%n to draw</source>
            <translation>
                <numerusform>%n to draw</numerusform>
                <numerusform>%n to draw</numerusform>
            </translation>
        </message>
    </context>
    <context>
        <name>MainWindow</name>
        <message numerus="yes">
            <source>%n in-between(s) drawn. Space plays them; Keep accepts them.</source>
            <translation>
                <numerusform>%n in-between drawn. Space plays them; Keep accepts them.</numerusform>
                <numerusform>%n in-betweens drawn. Space plays them; Keep accepts them.</numerusform>
            </translation>
        </message>
    </context>
    <context>
        <name>PlaybackBar</name>
        <message numerus="yes">
            <source>%n frame(s) dropped</source>
            <translation>
                <numerusform>%n frame dropped</numerusform>
                <numerusform>%n frames dropped</numerusform>
            </translation>
        </message>
    </context>
    <context>
        <name>ResultPage</name>
        <message numerus="yes">
            <source>%n span(s) will be drawn by {0} with it.</source>
            <translation>
                <numerusform>%n span will be drawn by {0} with it.</numerusform>
                <numerusform>%n spans will be drawn by {0} with it.</numerusform>
            </translation>
        </message>
    </context>
    <context>
        <name>StyleSide</name>
        <message numerus="yes">
            <source>%n chosen drawing(s)</source>
            <translation>
                <numerusform>%n chosen drawing</numerusform>
                <numerusform>%n chosen drawings</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>The span: %n drawing(s)</source>
            <translation>
                <numerusform>The span: %n drawing</numerusform>
                <numerusform>The span: %n drawings</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>Layer {0}: %n drawing(s)</source>
            <translation>
                <numerusform>Layer {0}: %n drawing</numerusform>
                <numerusform>Layer {0}: %n drawings</numerusform>
            </translation>
        </message>
    </context>
    <context>
        <name>StyliseWindow</name>
        <message numerus="yes">
            <source>%n in-between(s) are being drawn…</source>
            <translation>
                <numerusform>%n in-between are being drawn…</numerusform>
                <numerusform>%n in-betweens are being drawn…</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>%n in-between(s) are not drawn yet.</source>
            <translation>
                <numerusform>%n in-between are not drawn yet.</numerusform>
                <numerusform>%n in-betweens are not drawn yet.</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>%n drawing(s) on {0}: {1}</source>
            <translation>
                <numerusform>%n drawing on {0}: {1}</numerusform>
                <numerusform>%n drawings on {0}: {1}</numerusform>
            </translation>
        </message>
    </context>
    <context>
        <name>WelcomePage</name>
        <message numerus="yes">
            <source>%n key(s)</source>
            <translation>
                <numerusform>%n key</numerusform>
                <numerusform>%n keys</numerusform>
            </translation>
        </message>
    </context>
    <context>
        <name>_KindBox</name>
        <message numerus="yes">
            <source>%n picture(s)</source>
            <translation>
                <numerusform>%n picture</numerusform>
                <numerusform>%n pictures</numerusform>
            </translation>
        </message>
    </context>
</TS>
