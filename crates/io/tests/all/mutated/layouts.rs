//! Starts for mutations; `crates/io/fuzz` uses them too.

/// Small files of formats of which no recording is at hand.
pub const LAYOUTS: [&str; 8] = [
    "Events\n100\nSubject,Context,Name,Time (s),Description\nA,Right,Foot Strike,0.02,x\n\nDevices\n200\n,,EMG - Voltage,\nFrame,Sub Frame,RSOL,RGM\n,,V,V\n1,0,1,2\n1,1,1,2\n2,0,3,4\n\nTrajectories\n100\n,,A:RKNE,,\nFrame,Sub Frame,X,Y,Z\n,,mm,mm,mm\n1,0,1,2,3\n2,0,1,2,\n",
    "FILE_VERSION\t2.0.0\nNO_OF_FRAMES\t2\nNO_OF_MARKERS\t1\nFREQUENCY\t200\nDATA_INCLUDED\t3D\nEVENT\tx\t1\t0.005\nMARKER_NAMES\tA\nFrame\tTime\tA X\tA Y\tA Z\n1\t0.000\t1\t2\t3\n2\t0.005\t1\t2\t3\n",
    "TOT_NO_OF_CHAN\t2\nDATA_INCLUDED\tANALOG\nCHANNEL_NAMES\tR_SOL\tgonio\nCHANNEL_GAIN\t1\t2\nCHANNEL_FREQUENCIES\t2000\t1000\n0.1\t1\n0.2\t2\n0.3\t\n",
    "type,begin_time,frequency,count,created with version\nrecord,0,1500,3,MR\n\ntime,Activity,Marker,RT SOLEUS (uV)\n0,REST,,1\n0.00067,,RHS,2\n0.00133,,,3\n",
    "stream,channel,index,time_s,value\nemg,SOL,0,0,1\nemg,SOL,1,0.001,2\nemg,MG,0,0,\nemg,MG,1,0.001,4\n",
    "Sample Rate (Hz);2000\nn;SOL;GM\n;mV;mV\n0;0,5;1\n1;0,25;-\n3;1;2\n",
    "\u{feff}Zeit;Kan\u{e4}le\n0,000;1\n0,001;2\n0,002;3\n",
    "walk.acq\n0.5 msec/sample\n2 channels\nEMG - Soleus\nmV\nGonio\ndeg\nmin\tCH1\tCH2\t\n\t4\t4\t\n0\t0.5\t10\n8.33E-06\t-0.25\t11\n",
];
